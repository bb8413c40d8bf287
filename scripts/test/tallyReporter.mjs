/** A vitest reporter whose one line, the last, is `N passed, N failed`. A file that does not load counts as a failure. */
export default class TallyReporter {
  onTestRunEnd(modules, unhandledErrors) {
    const states = modules.flatMap((module) => [...module.children.allTests()].map((test) => test.result().state));
    const brokenModules = modules.filter((module) => module.errors().length > 0).length;
    const passed = states.filter((state) => state === 'passed').length;
    const failed = states.filter((state) => state === 'failed').length + brokenModules + unhandledErrors.length;
    console.log(`\n${passed} passed, ${failed} failed`);
  }
}
