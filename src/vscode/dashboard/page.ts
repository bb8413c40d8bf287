/** Where the page's files are, and who may load them. */
export type PageSources = {
  script: string;
  style: string;
  cspSource: string;
  nonce: string;
  title: string;
  /** Of the page's texts, for screen readers: `de`. */
  language: string;
};

/**
 * The page's HTML. Its script makes all of the content, with text nodes alone. The policy allows only our own script and
 * style, and no connection.
 */
export function pageHtml({ script, style, cspSource, nonce, title, language }: PageSources): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource}`,
    `img-src ${cspSource} data:`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${attribute(language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${attribute(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${attribute(style)}">
<title>${attribute(title)}</title>
</head>
<body>
<main id="dashboard"></main>
<script nonce="${attribute(nonce)}" src="${attribute(script)}"></script>
</body>
</html>
`;
}

function attribute(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
