using System.Net;

namespace MLNet.FineTune.Checkpoints.Hub;

/// <summary>Messages for what a hub answers, each with what to do.</summary>
internal static class HubErrors
{
    public static HttpRequestException ForStatus(HttpStatusCode status, Uri address, string id, string revision, HubSettings settings)
    {
        string token = settings.Token is null ? "set HF_TOKEN to a token of an account that may read it" : "the token in HF_TOKEN is not accepted, or its account may not read the model";
        string advice = (int)status switch
        {
            401 => $"the model is private or gated, or there is none of that id: check the spelling, and {token}",
            403 => $"access is refused: accept the model's terms at {settings.Endpoint}/{id}, and {token}",
            404 => $"there is no such model, revision or file: check the spelling of '{id}' and '{revision}'",
            429 => $"too many requests: wait a few minutes{(settings.Token is null ? ", or set HF_TOKEN, which raises the limit" : "")}",
            >= 500 => "the server has a problem: try again later; what has arrived is kept",
            _ => "the answer is not one a hub gives: check HF_ENDPOINT",
        };
        return new HttpRequestException($"Hub model {id}, revision {revision}: {address.GetLeftPart(UriPartial.Path)} answered {(int)status} {status}; {advice}.", null, status);
    }

    public static HttpRequestException ForConnection(Exception e, Uri address, string id, string revision) =>
        new($"Hub model {id}, revision {revision}: the connection to {address.GetLeftPart(UriPartial.Authority)} failed ({e.Message.TrimEnd('.')}); check the network, proxy and HF_ENDPOINT, and try again: what has arrived is kept.", e);

    /// <summary>Whether a failure may pass by itself.</summary>
    public static bool IsTransient(HttpRequestException e) =>
        e.StatusCode is null or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests || (int)e.StatusCode >= 500;
}
