/** The dashboard's page, for the browser inside VS Code. Its icons are in its style. */
export const pageOptions = {
  entryPoints: { dashboard: 'media/dashboard/main.ts' },
  outdir: 'dist',
  bundle: true,
  platform: 'browser',
  target: 'chrome130',
  format: 'iife',
  loader: { '.svg': 'dataurl' },
  minify: true,
  legalComments: 'none',
  // Not linked: it is for the list of what ships, and the page could not load it.
  sourcemap: 'external',
  logLevel: 'warning',
};
