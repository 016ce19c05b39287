// npm's oidc-provider with the same client, for comparison in the same run. Stores in memory: the most favourable case for it.
import Provider from 'oidc-provider';

const seed = JSON.parse(process.env.SEED);
const port = Number(process.env.PORT);
const { key, redirect_uri } = { key: seed.jwks.keys[0], redirect_uri: seed.redirect_uri };
const common = {
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_signing_alg: 'ES256',
  jwks: { keys: [{ ...key, kid: 'k1' }] },
  dpop_bound_access_tokens: true,
};
const provider = new Provider(`http://localhost:${port}`, {
  clients: [
    { ...common, client_id: 'bench-web', redirect_uris: [redirect_uri], id_token_signed_response_alg: 'ES256' },
    { ...common, client_id: 'bench-system', id_token_signed_response_alg: 'ES256', redirect_uris: [], response_types: [], grant_types: ['client_credentials'] },
  ],
  jwks: { keys: [seed.key].map((one) => ({ ...one, kid: 'server' })) },
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
