/** What a client does when the process ends. */
export interface ExitHook {
  /** Runs once when nothing else keeps the process alive; may wait briefly. */
  readonly beforeExit: () => void;
  /** Runs synchronously at the very end. */
  readonly exit: () => void;
}

const hooks = new Set<ExitHook>();
let isListening = false;

interface ProcessLike {
  on(event: 'beforeExit' | 'exit', listener: () => void): unknown;
}

function listen(): void {
  const host = (globalThis as { process?: ProcessLike }).process;
  if (isListening || typeof host?.on !== 'function') return;
  isListening = true;
  // One listener for all clients, so that many clients cause no listener warning.
  host.on('beforeExit', () => {
    for (const hook of hooks) hook.beforeExit();
  });
  host.on('exit', () => {
    for (const hook of hooks) hook.exit();
  });
}

/** Registers a hook; the result removes it. Does nothing where there is no `process`. */
export function onExit(hook: ExitHook): () => void {
  listen();
  hooks.add(hook);
  return () => hooks.delete(hook);
}
