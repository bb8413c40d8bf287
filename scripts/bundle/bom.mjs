// The bill of materials: the packages inside of the bundles, in CycloneDX 1.6 (https://cyclonedx.org/docs/1.6/json/).
// It has no time and no serial number, so that the same sources give the same file.

/**
 * @param {{ name: string, version: string, license: string, devDependencies: Record<string, string> }} product from package.json
 * @param {import('./packages.mjs').BundledPackage[]} packages
 */
export function writeBom(product, packages) {
  const references = new Map(packages.map((each) => [each.name, packageUrl(each)]));
  const root = packageUrl(product);
  const dependsOn = (names) => names.map((name) => references.get(name)).sort();
  const direct = Object.keys(product.devDependencies).filter((name) => references.has(name));
  const bom = {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', ...describe(product) } },
    components: packages.map((each) => ({ type: 'library', ...describe(each), hashes: [hashOf(each.integrity)] })),
    dependencies: [
      { ref: root, dependsOn: dependsOn(direct) },
      ...packages.map((each) => ({ ref: packageUrl(each), dependsOn: dependsOn(each.dependencies) })),
    ],
  };
  return `${JSON.stringify(bom, undefined, 2)}\n`;
}

function describe(item) {
  const { name, version, license } = item;
  const [short, group] = name.split('/').toReversed();
  const licenses = [/ |\(/.test(license) ? { expression: license } : { license: { id: license } }];
  return {
    'bom-ref': packageUrl(item),
    ...(group && { group }),
    name: short,
    version,
    purl: packageUrl(item),
    licenses,
  };
}

/** https://github.com/package-url/purl-spec: the @ of a scope is encoded. */
function packageUrl({ name, version }) {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

function hashOf(integrity) {
  const [algorithm, base64] = integrity.split('-');
  const hex = Buffer.from(base64, 'base64').toString('hex');
  return { alg: algorithm.replace('sha', 'SHA-'), content: hex };
}
