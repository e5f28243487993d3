//! Users.

use super::User;
use crate::github::{ApiError, Client};

/// Fetches the handle of the user whose token is used. Tokens of apps and of workflows have none.
pub(crate) fn login(client: &Client) -> Result<String, ApiError> {
    client.get::<User>("the user of the token", "/user").map(|user| user.login)
}
