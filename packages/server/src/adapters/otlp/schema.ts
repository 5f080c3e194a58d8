/** Fields of a message as `name:type=number`; `[]` after a type means repeated. */
const MESSAGES: Readonly<Record<string, string>> = {
  ExportTraceServiceRequest: 'resourceSpans:ResourceSpans[]=1',
  ResourceSpans: 'resource:Resource=1 scopeSpans:ScopeSpans[]=2 schemaUrl:string=3',
  Resource: 'attributes:KeyValue[]=1 droppedAttributesCount:uint32=2',
  ScopeSpans: 'scope:InstrumentationScope=1 spans:Span[]=2 schemaUrl:string=3',
  InstrumentationScope:
    'name:string=1 version:string=2 attributes:KeyValue[]=3 droppedAttributesCount:uint32=4',
  Span:
    'traceId:bytes=1 spanId:bytes=2 traceState:string=3 parentSpanId:bytes=4 name:string=5 ' +
    'kind:int32=6 startTimeUnixNano:fixed64=7 endTimeUnixNano:fixed64=8 attributes:KeyValue[]=9 ' +
    'droppedAttributesCount:uint32=10 events:Event[]=11 droppedEventsCount:uint32=12 ' +
    'links:Link[]=13 droppedLinksCount:uint32=14 status:Status=15 flags:fixed32=16',
  Event:
    'timeUnixNano:fixed64=1 name:string=2 attributes:KeyValue[]=3 droppedAttributesCount:uint32=4',
  Link:
    'traceId:bytes=1 spanId:bytes=2 traceState:string=3 attributes:KeyValue[]=4 ' +
    'droppedAttributesCount:uint32=5 flags:fixed32=6',
  Status: 'message:string=2 code:int32=3',
  KeyValue: 'key:string=1 value:AnyValue=2',
  AnyValue:
    'stringValue:string=1 boolValue:bool=2 intValue:int64=3 doubleValue:double=4 ' +
    'arrayValue:ArrayValue=5 kvlistValue:KeyValueList=6 bytesValue:bytes=7',
  ArrayValue: 'values:AnyValue[]=1',
  KeyValueList: 'values:KeyValue[]=1',
  ExportLogsServiceRequest: 'resourceLogs:ResourceLogs[]=1',
  ResourceLogs: 'resource:Resource=1 scopeLogs:ScopeLogs[]=2 schemaUrl:string=3',
  ScopeLogs: 'scope:InstrumentationScope=1 logRecords:LogRecord[]=2 schemaUrl:string=3',
  LogRecord:
    'timeUnixNano:fixed64=1 severityNumber:int32=2 severityText:string=3 body:AnyValue=5 ' +
    'attributes:KeyValue[]=6 droppedAttributesCount:uint32=7 flags:fixed32=8 traceId:bytes=9 ' +
    'spanId:bytes=10 observedTimeUnixNano:fixed64=11 eventName:string=12',
  ExportTraceServiceResponse: 'partialSuccess:ExportTracePartialSuccess=1',
  ExportTracePartialSuccess: 'rejectedSpans:int64=1 errorMessage:string=2',
  ExportLogsServiceResponse: 'partialSuccess:ExportLogsPartialSuccess=1',
  ExportLogsPartialSuccess: 'rejectedLogRecords:int64=1 errorMessage:string=2',
  RpcStatus: 'code:int32=1 message:string=2',
};

/** A type of value that is not a message. */
export type Scalar =
  | 'string'
  | 'bytes'
  | 'bool'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'fixed32'
  | 'fixed64'
  | 'double';

/** A field of a message: of a scalar type, or a message itself. */
export interface Field {
  readonly name: string;
  readonly isRepeated: boolean;
  readonly type: Scalar | MessageType;
}

/** The fields of a message; the place in the list is the number of the field. */
export type MessageType = readonly (Field | undefined)[];

function fieldOf(text: string): { readonly number: number; readonly field: Field } {
  const [name = '', rest = ''] = text.split(':');
  const [type = '', number = ''] = rest.split('=');
  const isRepeated = type.endsWith('[]');
  const base = isRepeated ? type.slice(0, -2) : type;
  const field = { name, isRepeated, type: TYPES.get(base) ?? (base as Scalar) };
  return { number: Number(number), field };
}

// Messages hold each other and themselves, so all lists exist before the first is filled.
const TYPES: ReadonlyMap<string, (Field | undefined)[]> = new Map(
  Object.keys(MESSAGES).map((name) => [name, []]),
);
for (const [message, fields] of Object.entries(MESSAGES)) {
  for (const { number, field } of fields.split(' ').map(fieldOf)) {
    const type = TYPES.get(message);
    if (type !== undefined) type[number] = field;
  }
}

/** Name of a top-level message of the protocol. */
export type OtlpMessage =
  | 'ExportTraceServiceRequest'
  | 'ExportLogsServiceRequest'
  | 'ExportTraceServiceResponse'
  | 'ExportLogsServiceResponse'
  | 'RpcStatus';

/** The fields of a message of OTLP (opentelemetry-proto 1.9). */
export function otlpType(name: OtlpMessage): MessageType {
  return TYPES.get(name) ?? [];
}
