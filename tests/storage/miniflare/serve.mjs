// Serves buckets of the R2 simulator over S3 on a free port until stdin is closed. The first line on
// stdout is one JSON object: the S3 endpoint, and the address under which anybody can read.
//
//   node serve.mjs ACCESS_KEY_ID SECRET_ACCESS_KEY BUCKET...
import { Miniflare } from "miniflare";

const [accessKeyId, secretAccessKey, ...names] = process.argv.slice(2);
const simulator = new Miniflare({
  host: "127.0.0.1",
  port: 0,
  modules: true,
  script: 'export default { fetch: () => new Response("no such page", { status: 404 }) }',
  compatibilityDate: "2026-01-01",
  r2Buckets: Object.fromEntries(
    names.map((id) => [id, { id, s3Credentials: { accessKeyId, secretAccessKey } }]),
  ),
});
const { origin } = await simulator.ready;
console.log(
  JSON.stringify({
    endpoint: `${origin}/cdn-cgi/local/r2/s3`,
    public: `${origin}/cdn-cgi/local/r2/public`,
  }),
);
process.stdin.resume();
process.stdin.on("end", async () => {
  await simulator.dispose();
  process.exit(0);
});
