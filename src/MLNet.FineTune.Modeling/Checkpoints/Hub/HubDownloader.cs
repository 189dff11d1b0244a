namespace MLNet.FineTune.Checkpoints.Hub;

/// <summary>Brings a model into the cache: all files it needs, or none.</summary>
internal sealed class HubDownloader(HubSettings settings, HubCache? cache = null)
{
    private readonly HubCache _cache = cache ?? new HubCache(settings.CacheDirectory);

    /// <summary>Downloads what is missing and returns the snapshot's directory.</summary>
    public async Task<string> DownloadAsync(string id, string revision, IProgress<DownloadProgress>? progress, CancellationToken ct)
    {
        string? cached = _cache.FindModel(id, revision);
        if (cached is not null && (settings.Offline || HubNames.IsCommit(revision)))
            return cached;
        if (settings.Offline)
            throw new InvalidOperationException($"Hub model {id}, revision {revision}, is not complete in the cache ({settings.CacheDirectory}), and HF_HUB_OFFLINE forbids to connect; unset it to download the model.");

        using var client = new HubClient(settings, id, revision);
        HubModel model;
        try
        {
            model = await RetryAsync(client.GetModelAsync, cached is null ? settings.MaxAttempts : 1, ct).ConfigureAwait(false);
        }
        catch (HttpRequestException e) when (cached is not null && HubErrors.IsTransient(e))
        {
            return cached;
        }
        return await new Snapshot(this, client, id, model, progress).DownloadAsync(revision, ct).ConfigureAwait(false);
    }

    private async Task<T> RetryAsync<T>(Func<CancellationToken, Task<T>> request, int attempts, CancellationToken ct)
    {
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return await request(ct).ConfigureAwait(false);
            }
            catch (HttpRequestException e) when (attempt < attempts && HubErrors.IsTransient(e))
            {
                await Task.Delay(settings.RetryDelay * Math.Pow(2, attempt - 1), ct).ConfigureAwait(false);
            }
        }
    }

    /// <summary>One model at one commit. Its files are linked into the snapshot when all have arrived, so that no half model is ever seen.</summary>
    private sealed class Snapshot(HubDownloader owner, HubClient client, string id, HubModel model, IProgress<DownloadProgress>? progress)
    {
        private readonly string _folder = owner._cache.SnapshotFolder(id, model.Commit);
        private readonly Dictionary<string, string> _blobs = [];

        public async Task<string> DownloadAsync(string revision, CancellationToken ct)
        {
            string prefix = await FetchModulesAsync(ct).ConfigureAwait(false);
            string weights = HubModelFiles.Weights(model, prefix)
                ?? throw new InvalidDataException($"Hub model {id}, revision {revision}, has no weights in a format that can be read (model.safetensors, pytorch_model.bin, or their shards); it has: {string.Join(", ", model.Files.Order(StringComparer.Ordinal).Take(30))}.");
            if (!model.Files.Contains(prefix + "config.json"))
                throw new InvalidDataException($"Hub model {id}, revision {revision}, has no {prefix}config.json; it is not a transformer encoder.");
            foreach (string file in HubModelFiles.Small(model, prefix))
                await FetchAsync(file, ct).ConfigureAwait(false);
            await FetchWeightsAsync(prefix, weights, ct).ConfigureAwait(false);

            foreach ((string file, string blob) in _blobs)
                owner._cache.Link(blob, FolderPath.Combine(_folder, file, id));
            owner._cache.WriteReference(id, revision, model.Commit);
            return _folder;
        }

        /// <summary>Fetches the weights of a folder, or their index and shards.</summary>
        private async Task FetchWeightsAsync(string prefix, string weights, CancellationToken ct)
        {
            string path = await FetchAsync(weights, ct).ConfigureAwait(false);
            if (weights.EndsWith(".index.json", StringComparison.Ordinal))
                foreach (string shard in ShardedTensorSource.Files(path))
                    await FetchAsync(Listed(prefix + shard, weights), ct).ConfigureAwait(false);
        }

        /// <summary>Fetches a sentence-transformers layout where there is one; returns the folder of the encoder, with its slash, or nothing.</summary>
        private async Task<string> FetchModulesAsync(CancellationToken ct)
        {
            if (!model.Files.Contains(SentenceTransformerModules.ModulesFile))
                return "";
            string path = await FetchAsync(SentenceTransformerModules.ModulesFile, ct).ConfigureAwait(false);
            string encoder = "";
            if (model.Files.Contains(EncoderPrompts.File))
                await FetchAsync(EncoderPrompts.File, ct).ConfigureAwait(false);
            foreach ((string type, string folder) in SentenceTransformerModules.List(path))
            {
                string relative = Path.GetRelativePath(Path.GetDirectoryName(path)!, folder).Replace('\\', '/');
                string prefix = relative == "." ? "" : relative + "/";
                string config = prefix + SentenceTransformerModules.PoolingConfigFile;
                if (type.EndsWith(".Transformer", StringComparison.Ordinal))
                    encoder = prefix;
                else if (model.Files.Contains(config))
                    await FetchAsync(config, ct).ConfigureAwait(false);
                if (type.EndsWith(SentenceTransformerModules.DenseType, StringComparison.Ordinal))
                    await FetchWeightsAsync(prefix, HubModelFiles.Weights(model, prefix) ?? throw new InvalidDataException($"Hub model {id} has no weights of its Dense module in '{prefix}'."), ct).ConfigureAwait(false);
            }
            return encoder;
        }

        private string Listed(string file, string origin) =>
            model.Files.Contains(file) ? file : throw new InvalidDataException($"Hub model {id}: {origin} names '{file}', which the repository does not have.");

        /// <summary>The path of a file's contents: from the snapshot, from the cache, or from the server.</summary>
        private async Task<string> FetchAsync(string file, CancellationToken ct)
        {
            string present = FolderPath.Combine(_folder, file, id);
            if (HubCache.Exists(present))
                return present;
            HubRemoteFile remote = await owner.RetryAsync(token => client.GetFileAsync(model.Commit, file, token), owner.Attempts, ct).ConfigureAwait(false);
            string name = remote.BlobName(model.Commit);
            string blob = owner._cache.BlobPath(id, name);
            Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
            using (await HubFileLock.AcquireAsync(owner._cache.LockPath(id, name), ct).ConfigureAwait(false))
            {
                if (!HubCache.Exists(blob))
                {
                    string incomplete = blob + ".incomplete";
                    await new HubTransfer(client, owner.Settings, model.Commit, remote, incomplete, progress).RunAsync(ct).ConfigureAwait(false);
                    File.Move(incomplete, blob, overwrite: true);
                }
            }
            _blobs[file] = blob;
            return blob;
        }
    }

    private HubSettings Settings => settings;

    private int Attempts => settings.MaxAttempts;
}
