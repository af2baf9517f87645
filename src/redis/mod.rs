//! What RESP frames mean on one connection: commands, replies, pairing, session state.
