import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig(({ mode }) => ({
  plugins: [react()],
  resolve: { conditions: ['@assay/source', 'module', 'browser', mode] },
  server: { proxy: { '/v1': 'http://127.0.0.1:7070' } },
}));
