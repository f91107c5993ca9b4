// Reads resources, one a line, and says of each that is not valid R4 what is wrong. Usage: node validate.mjs FOLDER < lines
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { join, resolve } from 'node:path';

const folder = resolve(process.argv[2]);
const require = createRequire(join(folder, 'package.json'));
const { indexStructureDefinitionBundle, validateResource } = require('@medplum/core');
const definitions = join(folder, 'node_modules', '@medplum', 'definitions', 'dist', 'fhir', 'r4');
for (const name of ['profiles-types.json', 'profiles-resources.json']) {
  indexStructureDefinitionBundle(JSON.parse(readFileSync(join(definitions, name), 'utf8')));
}
let count = 0;
for await (const line of createInterface({ input: process.stdin })) {
  if (!line.trim()) continue;
  const resource = JSON.parse(line);
  count += 1;
  try {
    for (const issue of validateResource(resource)) {
      if (['error', 'fatal'].includes(issue.severity)) throw Object.assign(new Error(), { outcome: { issue: [issue] } });
    }
  } catch (error) {
    const issues = error.outcome?.issue ?? [{ details: { text: String(error) } }];
    const said = issues.map((one) => `${one.details?.text ?? one.code} ${(one.expression ?? []).join(' ')}`).join('; ');
    console.log(`${resource.resourceType}/${resource.id}: ${said}`);
  }
}
console.log(`${count} resources`);
