import * as vscode from 'vscode';

export type InputQuestion = {
  title: string;
  prompt: string;
  value?: string;
  password?: boolean;
  /** A message if the text can't be accepted. */
  validate(text: string): string | undefined;
  /** A button in the title: opens a page in the browser. */
  page?: { url: string; tooltip: string } | undefined;
};

/** Asks for a line of text. `showInputBox` has no buttons. Undefined: cancelled. */
export function askInput({ page, validate, ...question }: InputQuestion): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const box = vscode.window.createInputBox();
  Object.assign(box, { ignoreFocusOut: true, ...question });
  if (page) box.buttons = [{ iconPath: new vscode.ThemeIcon('link-external'), tooltip: page.tooltip }];
  box.onDidTriggerButton(() => page && void vscode.env.openExternal(vscode.Uri.parse(page.url)));
  box.onDidChangeValue((text) => {
    box.validationMessage = validate(text) ?? '';
  });
  box.onDidAccept(() => {
    const fault = validate(box.value);
    box.validationMessage = fault ?? '';
    if (fault !== undefined) return;
    resolve(box.value.trim());
    box.hide();
  });
  box.onDidHide(() => {
    box.dispose();
    resolve(undefined);
  });
  box.show();
  return promise;
}
