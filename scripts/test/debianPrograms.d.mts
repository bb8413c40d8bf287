export function debianProgram(name: 'redis-server' | 'nginx' | 'haproxy'): string | undefined;
