export function debianProgram(name: 'redis-server' | 'nginx'): string | undefined;
