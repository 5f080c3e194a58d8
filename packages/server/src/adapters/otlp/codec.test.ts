import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessage } from './codec.ts';

/** A request with every type of field, as the reference implementation of Protocol Buffers writes it. */
const GOLDEN =
  '0aef020a1d0a190a0c736572766963652e6e616d6512090a076772c3b6c39f65100312b6020a060a01731201' +
  '3212ab020a100af7651916cd43dd8448eb211c80319c1208b7ad6b71692033311a03613d62220800f067aa0b' +
  'a902b72a09616c6c206b696e64733003398001320dadc5901841af883e4eaec590184a0a0a04666c61671202' +
  '10014a090a036f6666120210004a140a056d696e7573120b18ffffffffffffffefff014a100a036269671209' +
  '1881808080808080104a0b0a05736d616c6c1202182a4a110a0468616c66120921000000000000e0bf4a140a' +
  '046c697374120c2a0a0a020a000a0218000a004a120a036d6170120b32090a070a0178120218014a0c0a0372' +
  '617712053a0300ff805a16098101320dadc590181201651a080a016b12030a01766a210a1001010101010101' +
  '0101010101010101011208020202020202020235010000007a07120362616418028501000300001a15687474' +
  '70733a2f2f6578616d706c652e6f72672f31';

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

const REQUEST = {
  resourceSpans: [
    {
      resource: {
        attributes: [{ key: 'service.name', value: { stringValue: 'größe' } }],
        droppedAttributesCount: 3,
      },
      scopeSpans: [
        {
          scope: { name: 's', version: '2' },
          spans: [
            {
              traceId: bytes('0af7651916cd43dd8448eb211c80319c'),
              spanId: bytes('b7ad6b7169203331'),
              traceState: 'a=b',
              parentSpanId: bytes('00f067aa0ba902b7'),
              name: 'all kinds',
              kind: 3,
              startTimeUnixNano: 1770132000598000000n,
              endTimeUnixNano: 1770132005984307375n,
              attributes: [
                { key: 'flag', value: { boolValue: true } },
                { key: 'off', value: { boolValue: false } },
                { key: 'minus', value: { intValue: -9007199254740993n } },
                { key: 'big', value: { intValue: 9007199254740993n } },
                { key: 'small', value: { intValue: 42n } },
                { key: 'half', value: { doubleValue: -0.5 } },
                {
                  key: 'list',
                  value: { arrayValue: { values: [{ stringValue: '' }, { intValue: 0n }, {}] } },
                },
                {
                  key: 'map',
                  value: { kvlistValue: { values: [{ key: 'x', value: { intValue: 1n } }] } },
                },
                { key: 'raw', value: { bytesValue: bytes('00ff80') } },
              ],
              events: [
                {
                  timeUnixNano: 1770132000598000001n,
                  name: 'e',
                  attributes: [{ key: 'k', value: { stringValue: 'v' } }],
                },
              ],
              links: [{ traceId: bytes('01'.repeat(16)), spanId: bytes('02'.repeat(8)), flags: 1 }],
              status: { message: 'bad', code: 2 },
              flags: 0x300,
            },
          ],
        },
      ],
      schemaUrl: 'https://example.org/1',
    },
  ],
};

describe('the codec', () => {
  it('reads and writes what the reference implementation does', () => {
    const decoded = decodeMessage('ExportTraceServiceRequest', bytes(GOLDEN));
    expect(decoded).toEqual(REQUEST);
    const encoded = encodeMessage('ExportTraceServiceRequest', decoded);
    expect(Buffer.from(encoded).toString('hex')).toBe(GOLDEN);
  });

  it('refuses every proper part of a request that ends within a field', () => {
    const golden = bytes(GOLDEN);
    for (let length = 1; length < golden.length; length += 1) {
      const part = golden.subarray(0, length);
      expect(() => decodeMessage('ExportTraceServiceRequest', part), `${length} bytes`).toThrow();
    }
  });

  it('reads the same with fields that it does not know anywhere between', () => {
    // Field 99 as varint, fixed64, text, group and fixed32.
    const unknown = [
      '980601',
      '99060102030405060708',
      '9a0603616263',
      '9b0608019c06',
      '9d0601020304',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...unknown)), fc.boolean(), (fields, isFirst) => {
        const extra = fields.join('');
        const body = bytes(isFirst ? extra + GOLDEN : GOLDEN + extra);
        expect(decodeMessage('ExportTraceServiceRequest', body)).toEqual(REQUEST);
      }),
    );
  });

  it.each([
    ['a known field with another wire type', '0801'],
    ['a length beyond the body', '0affffffff0f'],
    ['a length beyond the message around it', '0a021205'],
    ['a varint without end', '9806ffffffffffffffffffffff'],
    ['a group that nobody ends', '9b060801'],
    ['the end of a group that nobody began', '9c06'],
    ['an illegal wire type', '9e06'],
  ])('refuses %s', (_name, hex) => {
    expect(() => decodeMessage('ExportTraceServiceRequest', bytes(hex))).toThrow();
  });

  it('throws nothing but errors, whatever the bytes, and reads what it writes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (body) => {
        let message: object;
        try {
          message = decodeMessage('ExportLogsServiceRequest', body) as object;
        } catch (error) {
          expect(error).toBeInstanceOf(Error);
          return;
        }
        const written = encodeMessage('ExportLogsServiceRequest', message as never);
        expect(decodeMessage('ExportLogsServiceRequest', written)).toEqual(message);
      }),
      { numRuns: 2_000 },
    );
  });
});
