import type { Complexity } from './facts.ts';
import { type Attributes, idOf, jsonAttribute, pathOf, textAttribute } from './otlp-attributes.ts';

/** What attributes say of the task that a span or event belongs to. */
export interface TaskAttributes {
  readonly taskId: string | null;
  readonly taskType: string | null;
  readonly taskKind: string | null;
  readonly complexity: Complexity | null;
  readonly parentTaskId: string | null;
}

const COMPLEXITIES: readonly string[] = ['trivial', 'standard', 'complex'];

function metadataText(metadata: unknown, key: string): string | null {
  const value = pathOf(metadata, key);
  return typeof value === 'string' && value !== '' ? value : null;
}

/** Reads `task.*` attributes, else OpenInference's `metadata`, else the rollout of a trainer. */
export function taskAttributesOf(attributes: Attributes, resource: Attributes): TaskAttributes {
  const metadata = jsonAttribute(attributes['metadata'] ?? null);
  const said = (name: string, key: string): string | null =>
    idOf(
      textAttribute(attributes, [name]) ??
        metadataText(metadata, key) ??
        textAttribute(attributes, [
          `ai.telemetry.metadata.${key}`,
          `langfuse.trace.metadata.${key}`,
          `traceloop.association.properties.${key}`,
        ]),
    );
  const rollout = ['agentlightning.rollout_id'];
  const complexity = said('task.complexity', 'complexity');
  return {
    taskId:
      said('task.id', 'taskId') ??
      idOf(textAttribute(attributes, rollout) ?? textAttribute(resource, rollout)),
    taskType: said('task.type', 'taskType'),
    taskKind: said('task.kind', 'taskKind'),
    complexity:
      complexity !== null && COMPLEXITIES.includes(complexity) ? (complexity as Complexity) : null,
    parentTaskId: said('task.parent.id', 'parentTaskId'),
  };
}
