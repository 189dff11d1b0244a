namespace MLNet.FineTune.Checkpoints.Hub;

/// <summary>Where the hub is, who asks, and where files are kept; from the environment variables that Hugging Face's own tools use.</summary>
internal sealed record HubSettings
{
    public const string DefaultEndpoint = "https://huggingface.co";

    /// <summary>The server, without a slash at its end.</summary>
    public required string Endpoint { get; init; }

    /// <summary>The folder that holds <c>models--owner--name</c> folders.</summary>
    public required string CacheDirectory { get; init; }

    /// <summary>The access token; null for none.</summary>
    public string? Token { get; init; }

    /// <summary>Whether connecting is forbidden.</summary>
    public bool Offline { get; init; }

    /// <summary>How often in a row a transfer may fail before it is given up.</summary>
    public int MaxAttempts { get; init; } = 5;

    /// <summary>The pause after the first failure; it doubles with each further one.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the server may stay silent.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Reads the environment as it is now.</summary>
    /// <exception cref="InvalidOperationException"><c>HF_ENDPOINT</c> is not an HTTPS address.</exception>
    public static HubSettings FromEnvironment() => FromEnvironment(Environment.GetEnvironmentVariable);

    /// <summary>Reads variables from a function, null or empty for those that are not set.</summary>
    public static HubSettings FromEnvironment(Func<string, string?> variable)
    {
        string cache = Value("XDG_CACHE_HOME") is { } xdg ? Expand(xdg) : Path.Combine(UserFolder(), ".cache");
        string home = Value("HF_HOME") is { } hf ? Expand(hf) : Path.Combine(cache, "huggingface");
        string tokenFile = Value("HF_TOKEN_PATH") is { } path ? Expand(path) : Path.Combine(home, "token");
        string endpoint = (Value("HF_ENDPOINT") ?? DefaultEndpoint).TrimEnd('/');
        if (!Uri.TryCreate(endpoint, UriKind.Absolute, out Uri? uri) || !IsSecure(uri))
            throw new InvalidOperationException($"HF_ENDPOINT is '{endpoint}'; expected an https:// address (http:// only for this machine itself, such as http://127.0.0.1:8080).");
        return new HubSettings
        {
            Endpoint = endpoint,
            CacheDirectory = Expand(Value("HF_HUB_CACHE") ?? Value("HUGGINGFACE_HUB_CACHE") ?? Path.Combine(home, "hub")),
            Token = Value("HF_TOKEN") ?? Value("HUGGING_FACE_HUB_TOKEN") ?? ReadToken(tokenFile),
            Offline = IsTrue(Value("HF_HUB_OFFLINE")) || IsTrue(Value("TRANSFORMERS_OFFLINE")),
        };

        string? Value(string name) => variable(name)?.Trim() is { Length: > 0 } value ? value : null;
    }

    /// <summary>Whether nobody on the way can read or change what is transferred.</summary>
    public static bool IsSecure(Uri address) => address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && address.IsLoopback);

    /// <summary>Everything but the token, which no log may hold.</summary>
    public override string ToString() => $"{Endpoint}, cache {CacheDirectory}{(Token is null ? "" : ", with a token")}{(Offline ? ", offline" : "")}";

    private static bool IsTrue(string? value) => value?.ToUpperInvariant() is "1" or "ON" or "YES" or "TRUE";

    private static string? ReadToken(string path) =>
        File.Exists(path) && File.ReadAllText(path).Trim() is { Length: > 0 } token ? token : null;

    private static string Expand(string path) =>
        Path.GetFullPath(path == "~" || path.StartsWith("~/", StringComparison.Ordinal) ? UserFolder() + path[1..] : path);

    private static string UserFolder() => Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify);
}
