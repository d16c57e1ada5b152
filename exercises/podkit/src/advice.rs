//! "One pod or two?": the input and the answer of chapter 1's `advise`.

use serde::{Deserialize, Serialize};

/// An application of several components, with the three questions answered for each.
///
/// ```yaml
/// components:
///   - name: web
///   - name: log-shipper
///     with: web                 # the component it would share a pod with
///     sameHost: true            # must they run on the same host?
///     oneUnit: true             # do they make up one whole, not two parts?
///     scalesTogether: true      # must they be scaled together?
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Application {
    pub components: Vec<Component>,
}

/// One component, and how it belongs to another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Component {
    pub name: String,
    /// The component the three answers are about; `None`: it stands alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub with: Option<String>,
    /// Must they run on the same host? An answer left out is a no.
    pub same_host: bool,
    /// Do they make up one whole?
    pub one_unit: bool,
    /// Must they be scaled together?
    pub scales_together: bool,
}

/// One pod to make, and why.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Advice {
    /// The components that belong in this pod, in the order of the application.
    pub pod: Vec<String>,
    /// One sentence for each reason.
    pub because: Vec<String>,
}
