import { type Floor, type GatePolicy, gatePolicy } from '@assay/loop/gate/gate-policy';
import { CommandFault } from './command-fault.ts';
import type { GateOptions } from './gate-options.ts';
import type { ReadText } from './read-scorecard.ts';
import { yamlOf } from './yaml-value.ts';

const MOST_POLICY_BYTES = 1 << 20;

/**
 * The policy of a gate: that of the file, with the floors that were given by option. Throws
 * CommandFault 2 for a policy or a floor that makes no sense.
 */
export async function readGatePolicy(
  options: Pick<GateOptions, 'policy' | 'minAggregate' | 'min'>,
  read: ReadText,
): Promise<GatePolicy> {
  const ofFile = options.policy === undefined ? {} : await policyOfFile(options.policy, read);
  const floors: Record<string, Floor> = { ...ofFile.floors };
  for (const one of options.min ?? []) {
    const [metric, min] = floorOf(one);
    floors[metric] = { ...floors[metric], min };
  }
  const bar = aggregateBarOf(options.minAggregate);
  return gatePolicy({ ...ofFile, floors, ...(bar === null ? {} : { minAggregate: bar }) });
}

async function policyOfFile(path: string, read: ReadText): Promise<Partial<GatePolicy>> {
  const file = await read(path, MOST_POLICY_BYTES);
  if (file.kind === 'absent') throw new CommandFault(2, `there is no policy file ${path}`);
  if (file.kind === 'too-large') throw new CommandFault(2, `the policy file ${path} is too large`);
  const value = file.text.trim() === '' ? {} : await yamlOf(file.text);
  if (value === undefined) throw new CommandFault(2, `the policy ${path} is not valid YAML`);
  // The schemas are loaded only for those who bring a policy: a gate is to start quickly.
  const { gatePolicySchema } = await import('@assay/protocol/gate');
  const parsed = gatePolicySchema.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new CommandFault(2, `policy: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
}

function aggregateBarOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const bar = Number(text);
  if (text.trim() !== '' && bar >= 0 && bar <= 100) return bar;
  throw new CommandFault(2, `--min-aggregate ${text} is not within 0..100`);
}

function floorOf(text: string): readonly [metric: string, min: number] {
  const split = /^(?<metric>.+)=(?<min>[^=]+)$/.exec(text);
  const metric = split?.groups?.['metric'] ?? '';
  const min = Number(split?.groups?.['min']?.trim() || Number.NaN);
  if (metric !== '' && metric !== '__proto__' && min >= 0 && min <= 1) return [metric, min];
  throw new CommandFault(2, `--min ${text} is not METRIC=N with N a share within 0..1`);
}
