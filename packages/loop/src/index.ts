export * from './record/facts.ts';
