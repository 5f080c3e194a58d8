/** A fault that ends a command with its own exit code: 2 usage, 3 not gateable. */
export class CommandFault extends Error {
  readonly exitCode: 2 | 3;

  constructor(exitCode: 2 | 3, message: string) {
    super(message);
    this.exitCode = exitCode;
  }
}
