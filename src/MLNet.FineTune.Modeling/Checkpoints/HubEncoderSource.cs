using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using MLNet.FineTune.Checkpoints;
using MLNet.FineTune.Checkpoints.Hub;

namespace MLNet.FineTune;

/// <summary>A model of the Hugging Face hub, used from the local cache that Python's <c>huggingface_hub</c> shares.</summary>
/// <remarks>
/// The usual environment variables apply: <c>HF_ENDPOINT</c> (another server; HTTPS, or loopback), <c>HF_TOKEN</c>
/// (access to private and gated models), <c>HF_HUB_OFFLINE</c> (never connect), <c>HF_HOME</c> and <c>HF_HUB_CACHE</c>
/// (where the cache lies). They are read on each use.
/// </remarks>
public sealed class HubEncoderSource : EncoderSource
{
    private const string KindName = "hub";

    private readonly Func<HubSettings> _settings;

    /// <summary>What the revision was when a saved model was trained; null where that is not known.</summary>
    private readonly string? _pinned;

    private string? _used;

    internal HubEncoderSource(string id, string revision, Func<HubSettings>? settings = null, string? commit = null)
    {
        HubNames.CheckId(id);
        HubNames.CheckRevision(revision);
        if (commit is not null && !HubNames.IsCommit(commit))
            throw new ArgumentException($"'{commit}' is not a commit; expected 40 hexadecimal digits.", nameof(commit));
        (Id, Revision, _pinned) = (id, revision, commit);
        _settings = settings ?? HubSettings.FromEnvironment;
    }

    /// <summary>The model's id, for instance <c>sentence-transformers/all-MiniLM-L6-v2</c>.</summary>
    public string Id { get; }

    /// <summary>The branch, tag or commit.</summary>
    /// <value>Default: <c>main</c>.</value>
    public string Revision { get; }

    /// <summary>Whether using the source may download the model when the cache lacks it.</summary>
    /// <value>Default: <see langword="false"/>: training and scoring then never connect, and say so when the model is missing.</value>
    public bool DownloadWhenMissing { get; set; }

    /// <inheritdoc/>
    public override string Description => $"hub model {Id}, revision {Revision}{(_pinned is null || _pinned == Revision ? "" : $" (commit {_pinned} at the time)")}";

    internal override string Kind => KindName;

    /// <summary>Brings the cache up to date with the server: only files that are missing and needed are transferred.</summary>
    /// <param name="progress">Receives the progress of each file; called from other threads.</param>
    /// <param name="cancellationToken">Stops the download; what has arrived is kept, and a later call continues there.</param>
    /// <returns>The local directory. Where the server cannot be reached, or offline mode is on, that of an earlier download.</returns>
    /// <exception cref="HttpRequestException">The server cannot be reached or refuses; the message says what to do.</exception>
    /// <exception cref="InvalidDataException">The server sent something other than it announced, or has no usable model under this id.</exception>
    /// <exception cref="InvalidOperationException">Offline mode is on and the cache lacks the model, or the settings are invalid.</exception>
    /// <exception cref="IOException">The cache cannot be written.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was signalled.</exception>
    public string Download(IProgress<DownloadProgress>? progress = null, CancellationToken cancellationToken = default) =>
        DownloadAsync(progress, cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc cref="Download"/>
    public async Task<string> DownloadAsync(IProgress<DownloadProgress>? progress = null, CancellationToken cancellationToken = default) =>
        await new HubDownloader(_settings()).DownloadAsync(Id, Revision, progress, cancellationToken).ConfigureAwait(false);

    internal override string GetDirectory()
    {
        HubSettings settings = _settings();
        var cache = new HubCache(settings.CacheDirectory);
        // A branch moves on: a model that was trained on an earlier state of it needs that one.
        if (((_pinned is null ? null : cache.FindModel(Id, _pinned)) ?? cache.FindModel(Id, Revision)) is { } directory)
            return Use(directory);
        if (DownloadWhenMissing)
            return Use(Download());
        throw new InvalidOperationException(
            $"The {Description} is not in the cache ({settings.CacheDirectory}). Call Download() on the source first, or set DownloadWhenMissing = true.");
    }

    /// <summary>The folder of a snapshot has the name of its commit.</summary>
    private string Use(string directory)
    {
        _used = Path.GetFileName(directory);
        return directory;
    }

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "A kind registers itself, so that adding one edits no list.")]
    internal static void Register() =>
        EncoderSourceKinds.Register(KindName, json => Read(json));

    /// <summary>The source of a saved model.</summary>
    internal static HubEncoderSource Read(JsonObject json, Func<HubSettings>? settings = null) =>
        new(EncoderSourceKinds.Text(json, "id"), EncoderSourceKinds.Text(json, "revision"), settings, json["commit"] is null ? null : EncoderSourceKinds.Text(json, "commit"));

    private protected override void WriteTo(JsonObject json)
    {
        json["id"] = Id;
        json["revision"] = Revision;
        if ((_used ?? _pinned) is { } commit)
            json["commit"] = commit;
    }
}
