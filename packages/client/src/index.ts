export type { Api, JsonObject, Page, Query } from './api.ts';
export { type Assay, type AssayOptions, createAssay } from './assay.ts';
export type { Clock } from './clock.ts';
export type { ClientStats, FlushResult } from './delivery-state.ts';
export { AssayClientError, type ClientErrorCode, type Rejection } from './errors.ts';
export type { Candidate, Route, RouteDecision, RouteOptions, RouteRequest } from './route.ts';
export type { ResponseScoreResult, ScorableResponse, ScoreResponsesOptions } from './score.ts';
export type { FactInput, TimeInput } from './serialise.ts';
export type {
  ChosenAgent,
  EvaluateContext,
  ExecutionDetails,
  TaskContext,
  Track,
  TrackedTask,
  TrackOptions,
  Verdict,
} from './track.ts';
export type { FeedbackInput, Tracker } from './tracker.ts';
export type { Fetch } from './transport.ts';
