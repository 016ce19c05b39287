// npm's oidc-provider with the same clients, for comparison in the same run. STORE=postgres keeps everything in the PostgreSQL that the
// provider under test uses, one JSONB table, as its adapter contract asks; STORE=memory keeps nothing, which nobody can run in earnest.
import pg from 'pg';
import Provider from 'oidc-provider';

const seed = JSON.parse(process.env.SEED);
const port = Number(process.env.PORT);
const pool = process.env.STORE === 'postgres' ? new pg.Pool({ max: 4 }) : null;

class PostgresAdapter {
  constructor(model) {
    this.model = model;
  }
  async upsert(id, payload, expiresIn) {
    const until = expiresIn ? new Date(Date.now() + expiresIn * 1000) : null;
    await pool.query({
      name: 'upsert',
      text: `insert into oidc_baseline (model, id, payload, grant_id, uid, user_code, expires_at) values ($1,$2,$3,$4,$5,$6,$7)
             on conflict (model, id) do update set payload = excluded.payload, grant_id = excluded.grant_id,
             uid = excluded.uid, user_code = excluded.user_code, expires_at = excluded.expires_at`,
      values: [this.model, id, payload, payload.grantId ?? null, payload.uid ?? null, payload.userCode ?? null, until],
    });
  }
  async one(column, value) {
    const { rows } = await pool.query({
      name: `find-${column}`,
      text: `select payload, expires_at, consumed_at from oidc_baseline where model = $1 and ${column} = $2`,
      values: [this.model, value],
    });
    if (!rows.length || (rows[0].expires_at && rows[0].expires_at < new Date())) return undefined;
    return { ...rows[0].payload, ...(rows[0].consumed_at ? { consumed: rows[0].consumed_at } : undefined) };
  }
  find(id) {
    return this.one('id', id);
  }
  findByUid(uid) {
    return this.one('uid', uid);
  }
  findByUserCode(code) {
    return this.one('user_code', code);
  }
  async consume(id) {
    await pool.query('update oidc_baseline set consumed_at = now() where model = $1 and id = $2', [this.model, id]);
  }
  async destroy(id) {
    await pool.query('delete from oidc_baseline where model = $1 and id = $2', [this.model, id]);
  }
  async revokeByGrantId(grant) {
    await pool.query('delete from oidc_baseline where grant_id = $1', [grant]);
  }
}

if (pool) {
  await pool.query(`create table if not exists oidc_baseline (model text, id text, payload jsonb, grant_id text, uid text,
    user_code text, expires_at timestamptz, consumed_at timestamptz, primary key (model, id))`);
  await pool.query('create index if not exists oidc_baseline_grant on oidc_baseline (grant_id)');
  await pool.query('create index if not exists oidc_baseline_uid on oidc_baseline (model, uid)');
}
const common = {
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_signing_alg: 'ES256',
  id_token_signed_response_alg: 'ES256',
  jwks: { keys: [{ ...seed.jwks.keys[0], kid: 'k1' }] },
  dpop_bound_access_tokens: true,
};
const provider = new Provider(`http://localhost:${port}`, {
  adapter: pool ? PostgresAdapter : undefined,
  clients: [
    { ...common, client_id: 'bench-web', redirect_uris: [seed.redirect_uri] },
    { ...common, client_id: 'bench-system', redirect_uris: [], response_types: [], grant_types: ['client_credentials'] },
  ],
  jwks: { keys: [{ ...seed.key, kid: 'server' }] },
  claims: { openid: ['sub'], profile: ['name', 'birthdate', 'gender'] },
  features: {
    dPoP: { enabled: true, nonceSecret: Buffer.alloc(32, 1), requireNonce: () => false },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
    clientCredentials: { enabled: true },
    devInteractions: { enabled: true },
  },
  pkce: { required: () => true },
  cookies: { keys: ['bench'] },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, name: 'Siti' }) }),
});
provider.listen(port);
