/** One event of the live stream of a tenant. */
export interface StreamEvent {
  readonly event: 'fact' | 'decision' | 'evidence' | 'drift';
  readonly data: unknown;
}

/** Hands events to whoever listens, per tenant. */
export interface StreamHub {
  publish(tenantId: number, event: StreamEvent): void;
  /** Returns what ends the subscription. */
  subscribe(tenantId: number, listen: (event: StreamEvent) => void): () => void;
  hasListeners(tenantId: number): boolean;
  listeners(): number;
}

/** A hub without listeners. A listener that throws is dropped. */
export function createStreamHub(): StreamHub {
  const byTenant = new Map<number, Set<(event: StreamEvent) => void>>();

  function leave(tenantId: number, listen: (event: StreamEvent) => void): void {
    const listeners = byTenant.get(tenantId);
    listeners?.delete(listen);
    if (listeners?.size === 0) byTenant.delete(tenantId);
  }

  return {
    publish(tenantId, event) {
      for (const listen of byTenant.get(tenantId) ?? []) {
        try {
          listen(event);
        } catch {
          leave(tenantId, listen);
        }
      }
    },
    subscribe(tenantId, listen) {
      const listeners = byTenant.get(tenantId) ?? new Set();
      byTenant.set(tenantId, listeners.add(listen));
      return () => leave(tenantId, listen);
    },
    hasListeners: (tenantId) => byTenant.has(tenantId),
    listeners: () => [...byTenant.values()].reduce((sum, set) => sum + set.size, 0),
  };
}
