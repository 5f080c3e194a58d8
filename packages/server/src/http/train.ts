import type { FastifyInstance } from 'fastify';
import type { Engine } from '../engine/engine.ts';
import { createBatch, listBatches, readBatchFile } from '../engine/train.ts';
import { handle } from './call.ts';

/** Routes of training batches. */
export function registerTrain(app: FastifyInstance, engine: Engine): void {
  const { context } = engine;
  handle(app, 'createBatch', (call) => createBatch(context, call.tenantId, call.json()));
  handle(app, 'listBatches', async (call) => ({
    items: await listBatches(context, call.tenantId),
  }));
  handle(app, 'getBatchFile', async (call) => {
    const { tenantId } = call;
    const file = await readBatchFile(context, tenantId, call.param('batchId'), call.param('file'));
    return call.reply
      .type(file.mediaType)
      .header('content-disposition', 'attachment')
      .send(Buffer.from(file.bytes));
  });
}
