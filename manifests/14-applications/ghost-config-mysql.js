// Ghost on MySQL: the database ghost_db behind the Service mysql of chapter 13, so that several pods share it.
module.exports = {
  url: 'http://localhost:2368',
  database: {
    client: 'mysql2',
    connection: { host: 'mysql', user: 'root', password: 'some-password-here', database: 'ghost_db' },
  },
  server: { host: '0.0.0.0', port: 2368 },
  paths: { contentPath: process.env.GHOST_CONTENT },
  logging: { transports: ['stdout'] },
}
