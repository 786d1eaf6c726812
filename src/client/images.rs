//! Images of a service.

use super::{Call, Client, Error};
use crate::service::images::ImageItem;
use reqwest::Method;
use serde_json::json;

impl Client {
    /// Every image, newest first.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn images(&self) -> Result<Vec<ImageItem>, Error> {
        self.ask(Call::get(&["images"])).await
    }

    /// Keeps the image whose id begins so, or no longer.
    ///
    /// # Errors
    /// As [`Client::start`].
    pub async fn pin_image(&self, image: &str, pinned: bool) -> Result<ImageItem, Error> {
        let call = Call::new(Method::PATCH, &["images", image]).json(&json!({ "pinned": pinned }));
        self.ask(call).await
    }
}
