import { describe, expect, test } from 'vitest';
import { callFormat } from './call-format.ts';

describe('format of a tool call', () => {
  test.each([
    [{ success: true }, 1],
    [{ success: true, arguments: '{"a": 1}' }, 1],
    [{ success: true, arguments: { a: 1 } }, 1],
    [{ success: true, arguments: '{"a": 1' }, 0],
    [{ arguments: '{}' }, null],
    [{ success: false }, null],
    [{ success: false, failureReason: '' }, null],
    [{ success: false, failureReason: 'Missing required argument: path' }, 0],
    [{ success: false, failureReason: 'invalid JSON in arguments' }, 0],
    [{ success: false, failureReason: 'unknown tool "serch"' }, 0],
    [{ success: false, failureReason: 'tool not found' }, 0],
    [{ success: false, failureReason: 'schema validation failed at /q' }, 0],
    [{ success: false, failureReason: 'file not found: notes.txt' }, 1],
    [{ success: false, failureReason: 'HTTP 503' }, 1],
    [{ success: false, failureReason: 'the account is invalid' }, 1],
  ])('%o is %o', (call, expected) => expect(callFormat(call)).toBe(expected));
});
