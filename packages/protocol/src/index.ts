export * from './errors.ts';
export * from './fact-fields.ts';
export * from './field.ts';
export * from './record.ts';
