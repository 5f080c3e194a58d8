// Packages that come without types: only what the example uses of them.
declare module 'wink-naive-bayes-text-classifier' {
  interface Classifier {
    defineConfig(config: { considerOnlyPresence: boolean; smoothingFactor: number }): boolean;
    definePrepTasks(tasks: ((input: readonly string[]) => readonly string[])[]): number;
    learn(input: readonly string[], label: string): boolean;
    consolidate(): boolean;
    computeOdds(input: readonly string[]): [string, number][];
    predict(input: readonly string[]): string;
  }
  const createClassifier: () => Classifier;
  export = createClassifier;
}
declare module 'commonmark' {
  export class Parser {
    parse(markdown: string): unknown;
  }
  export class HtmlRenderer {
    render(document: unknown): string;
  }
}
declare module 'markdown-it' {
  const MarkdownIt: new (preset: 'commonmark') => { render(markdown: string): string };
  export = MarkdownIt;
}
declare module 'showdown' {
  const showdown: { Converter: new () => { makeHtml(markdown: string): string } };
  export = showdown;
}
