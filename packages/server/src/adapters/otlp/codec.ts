import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { type Field, type MessageType, type OtlpMessage, otlpType, type Scalar } from './schema.ts';
import type { Message } from './values.ts';

/**
 * Deepest nesting that is read. What lies deeper is skipped: whoever reads the values cuts them
 * long before, and a span must not be lost, nor the stack, to one absurd value.
 */
const MAX_DEPTH = 100;

const WIRE_TYPES: Readonly<Record<Scalar, WireType>> = {
  string: WireType.LengthDelimited,
  bytes: WireType.LengthDelimited,
  bool: WireType.Varint,
  int32: WireType.Varint,
  uint32: WireType.Varint,
  int64: WireType.Varint,
  fixed32: WireType.Bit32,
  fixed64: WireType.Bit64,
  double: WireType.Bit64,
};

/** Where a body is read. `text` is the same bytes: a Buffer reads short texts fastest. */
interface Source {
  readonly reader: BinaryReader;
  readonly text: Buffer;
}

/** Reads a length, and gives the place where that many bytes end. */
function readEnd(reader: BinaryReader): number {
  const length = reader.uint32();
  const end = reader.pos + length;
  if (end > reader.len) throw new RangeError('a field reaches over the end of the body');
  return end;
}

function readText({ reader, text }: Source): string {
  const end = readEnd(reader);
  const start = reader.pos;
  reader.pos = end;
  return text.toString('utf8', start, end);
}

function readScalar(source: Source, type: Scalar): unknown {
  return type === 'string' ? readText(source) : source.reader[type]();
}

/** Reads the message that ends at `end`. */
function readMessage(source: Source, type: MessageType, end: number, depth: number): Message {
  const { reader } = source;
  const message: Record<string, unknown> = {};
  if (depth > MAX_DEPTH) {
    reader.pos = end;
    return message;
  }
  while (reader.pos < end) {
    const tag = reader.uint32();
    const field = type[tag >>> 3];
    if (field === undefined) reader.skip(tag & 7, tag >>> 3);
    else readField(source, field, tag & 7, message, depth);
  }
  if (reader.pos !== end) throw new RangeError('a field reaches over the end of its message');
  return message;
}

function readField(
  source: Source,
  { name, type, isRepeated }: Field,
  wireType: WireType,
  into: Record<string, unknown>,
  depth: number,
): void {
  const isScalar = typeof type === 'string';
  if (wireType !== (isScalar ? WIRE_TYPES[type] : WireType.LengthDelimited)) {
    throw new Error(`invalid wire type ${wireType} of ${name}`);
  }
  if (isScalar) {
    into[name] = readScalar(source, type);
    return;
  }
  const value = readMessage(source, type, readEnd(source.reader), depth + 1);
  const list = isRepeated ? into[name] : undefined;
  if (Array.isArray(list)) list.push(value);
  else into[name] = isRepeated ? [value] : value;
}

/**
 * Decodes a message: fields by their names, bytes as views into the body, 64-bit integers as bigint.
 * Fields that are not in the schema are skipped.
 *
 * @throws Error when the bytes are no such message
 */
export function decodeMessage(name: OtlpMessage, body: Uint8Array): Message {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
  const source = { reader: new BinaryReader(text), text };
  return readMessage(source, otlpType(name), body.length, 0);
}

function writeScalar(writer: BinaryWriter, type: Scalar, value: unknown): void {
  switch (type) {
    case 'string':
      writer.string(String(value));
      return;
    case 'bytes':
      writer.bytes(value as Uint8Array);
      return;
    case 'bool':
      writer.bool(Boolean(value));
      return;
    case 'int64':
      writer.int64(value as string | number | bigint);
      return;
    case 'fixed64':
      writer.fixed64(value as string | number | bigint);
      return;
    default:
      writer[type](Number(value));
  }
}

function writeMessage(writer: BinaryWriter, type: MessageType, message: Message): void {
  for (const [number, field] of type.entries()) {
    const value = field === undefined ? undefined : message[field.name];
    if (field === undefined || value === undefined || value === null) continue;
    for (const one of Array.isArray(value) && field.isRepeated ? value : [value]) {
      if (typeof field.type === 'string') {
        writer.tag(number, WIRE_TYPES[field.type]);
        writeScalar(writer, field.type, one);
      } else {
        writer.tag(number, WireType.LengthDelimited).fork();
        writeMessage(writer, field.type, one as Message);
        writer.join();
      }
    }
  }
}

/** Encodes a message; fields that are absent or null are left out. */
export function encodeMessage(name: OtlpMessage, message: Message): Uint8Array {
  const writer = new BinaryWriter();
  writeMessage(writer, otlpType(name), message);
  return writer.finish();
}
