import { readFile } from 'node:fs/promises';
import { AssayError, type CalibrationFile, calibrationFileSchema } from '@assay/protocol';
import type { ActiveCalibration } from '../adapters/scoring/scoring-messages.ts';
import { parseBody } from '../engine/parse-body.ts';

/**
 * Reads a file that `assay score calibrate --out` wrote, for a version of the score.
 * @throws AssayError `import.unreadable`, `request.invalid`; `score.not-calibrated` when nothing in
 *   it can be used
 */
export async function readCalibrationFile(
  path: string,
  scorer: string,
): Promise<Readonly<Record<string, ActiveCalibration>>> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw new AssayError('import.unreadable', { detail: path, cause });
  }
  const { items } = parseBody<CalibrationFile>(calibrationFileSchema, value);
  const found: [string, ActiveCalibration][] = [];
  const obstacles: string[] = [];
  for (const { taskType, calibration } of items) {
    if (calibration.kind === 'uncalibrated') obstacles.push(calibration.reason);
    else if (calibration.scorerVersion !== scorer) {
      obstacles.push(`it is for ${calibration.scorerVersion}, the scores are of ${scorer}`);
    } else found.push([taskType, { id: calibration.version, calibration }]);
  }
  if (found.length > 0) return Object.fromEntries(found);
  throw new AssayError('score.not-calibrated', { detail: `${path}: ${obstacles[0] ?? 'empty'}` });
}
