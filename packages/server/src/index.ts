export type { ServerConfig, SettingEntry } from './config.ts';
export { readConfig, SETTINGS } from './config.ts';
export type { RunningServer } from './main.ts';
export { createServer } from './main.ts';
