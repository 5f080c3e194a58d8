/** What a cell is told when it starts: where the files are that it may load, beside its libraries. */
export type CellArguments =
  | {
      readonly kind: 'javascript';
      readonly wasmUrl: string;
      readonly guestUrls: readonly string[];
      /** File of the library that strips types; null in a cell for JavaScript alone. */
      readonly stripperPath: string | null;
    }
  | {
      readonly kind: 'python';
      readonly guestUrls: readonly string[];
      /** Whether the cell only makes a snapshot, and runs nothing. */
      readonly makesSnapshot: boolean;
    };
