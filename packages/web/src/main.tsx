import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { router } from './router.tsx';
import { takeKeyFromAddress } from './session.ts';
import { KeyGate } from './ui/key-gate.tsx';
import './styles/app.css';

takeKeyFromAddress();
const queries = new QueryClient({
  defaultOptions: { queries: { retry: 1, staleTime: 1_000, refetchOnWindowFocus: false } },
});
const root = document.getElementById('root');
if (root) {
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <KeyGate>
          <RouterProvider router={router} />
        </KeyGate>
      </QueryClientProvider>
    </StrictMode>,
  );
}
