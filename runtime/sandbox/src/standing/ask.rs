//! Asks a standing sandbox something.

use std::{fmt, io};

use tokio::{io::BufReader, net::UnixStream};

use super::{
    directory::Standing,
    protocol::{Request, Status, read_line, write_line},
};

/// Why a standing sandbox did not answer.
#[derive(Debug)]
pub struct AskError(pub(super) io::Error);

impl fmt::Display for AskError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the sandbox does not answer: {}", self.0)
    }
}

impl std::error::Error for AskError {}

/// How the sandbox is.
///
/// # Errors
///
/// If it does not answer.
pub async fn status(standing: &Standing) -> Result<Status, AskError> {
    let mut stream = connect(standing, &Request::Status).await?;
    match read_line(&mut BufReader::new(&mut stream)).await {
        Ok(Some(status)) => Ok(status),
        Ok(None) => Err(AskError(io::ErrorKind::UnexpectedEof.into())),
        Err(error) => Err(AskError(error)),
    }
}

/// Tells the sandbox to go down. [`Standing::watch`] sees when it has gone.
///
/// # Errors
///
/// If it cannot be told.
pub async fn down(standing: &Standing) -> Result<(), AskError> {
    let mut stream = connect(standing, &Request::Down).await?;
    // It answers by ending the connection.
    let _ = read_line::<()>(&mut BufReader::new(&mut stream)).await;
    Ok(())
}

/// The number of the process that listens for the sandbox, as the system knows it; none if none does, or the system does not
/// say.
pub async fn process(standing: &Standing) -> Option<i32> {
    UnixStream::connect(standing.socket()).await.ok()?.peer_cred().ok()?.pid()
}

pub(super) async fn connect(standing: &Standing, request: &Request) -> Result<UnixStream, AskError> {
    let mut stream = UnixStream::connect(standing.socket()).await.map_err(AskError)?;
    write_line(&mut stream, request).await.map_err(AskError)?;
    Ok(stream)
}
