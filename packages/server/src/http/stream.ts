import type { FastifyInstance } from 'fastify';
import type { Engine } from '../engine/engine.ts';
import type { StreamEvent } from '../engine/streams.ts';
import { handle } from './call.ts';

/** A listener that is further behind than this loses events instead of filling the memory. */
const MAX_BEHIND_BYTES = 1024 * 1024;
const HEARTBEAT_MS = 15_000;

function textOf(event: StreamEvent): string {
  return `event: ${event.event}\ndata: ${JSON.stringify(event.data)}\n\n`;
}

/** The live stream of a tenant as server-sent events. */
export function registerStream(app: FastifyInstance, engine: Engine): void {
  const open = new Set<() => void>();
  app.addHook('preClose', async () => {
    for (const end of open) end();
  });
  handle(app, 'stream', (call) => {
    const { raw } = call.reply;
    call.reply.hijack();
    raw.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      'x-accel-buffering': 'no',
    });
    raw.write(': connected\n\n');
    const stop = engine.streams.subscribe(call.tenantId, (event) => {
      if (raw.writableLength < MAX_BEHIND_BYTES) raw.write(textOf(event));
    });
    const heartbeat = setInterval(() => raw.write(': alive\n\n'), HEARTBEAT_MS);
    heartbeat.unref();
    const end = (): void => {
      clearInterval(heartbeat);
      stop();
      open.delete(end);
      raw.end();
    };
    open.add(end);
    raw.on('close', end);
    raw.on('error', end);
    return undefined;
  });
}
