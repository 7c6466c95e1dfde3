// Ghost on SQLite: a file in the container, gone with it. ghost.yaml makes the JSON of it that Ghost reads today.
const content = process.env.GHOST_CONTENT

module.exports = {
  url: 'http://localhost:2368',
  database: {
    client: 'sqlite3',
    connection: { filename: `${content}/data/ghost.db` },
    useNullAsDefault: true,
  },
  server: { host: '0.0.0.0', port: 2368 },
  paths: { contentPath: content },
  logging: { transports: ['stdout'] },
}
