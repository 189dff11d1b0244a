namespace MLNet.FineTune.Checkpoints.Hub;

/// <summary>The cache in the layout of Python's <c>huggingface_hub</c>, so that both find what the other downloaded.</summary>
/// <remarks>
/// <c>models--owner--name/blobs/HASH</c> holds contents, <c>snapshots/COMMIT/FILE</c> links to them,
/// <c>refs/REVISION</c> holds the commit of a branch or tag.
/// </remarks>
internal sealed class HubCache(string root, bool useLinks = true)
{
    /// <summary>Names under which a tokenizer's vocabulary can be present; without one a cached model is no use.</summary>
    private static readonly string[] Vocabularies = ["tokenizer.json", "vocab.txt", "vocab.json", "sentencepiece.bpe.model", "spiece.model", "spm.model"];

    /// <summary>The directory of a cached model that has configuration, vocabulary and all of its weights; null where it is absent or incomplete.</summary>
    public string? FindModel(string id, string revision)
    {
        string reference = FolderPath.Combine(Path.Combine(ModelFolder(id), "refs"), revision, id);
        string commit = HubNames.IsCommit(revision) ? revision : File.Exists(reference) ? File.ReadAllText(reference).Trim() : "";
        if (!HubNames.IsCommit(commit))
            return null;
        string snapshot = SnapshotFolder(id, commit);
        return IsComplete(snapshot) ? snapshot : null;
    }

    public string BlobPath(string id, string name) => Path.Combine(ModelFolder(id), "blobs", name);

    public string LockPath(string id, string name) => Path.Combine(root, ".locks", Path.GetFileName(ModelFolder(id)), name + ".lock");

    public string SnapshotFolder(string id, string commit) => Path.Combine(ModelFolder(id), "snapshots", commit);

    /// <summary>Makes a blob appear under its file name in a snapshot.</summary>
    public void Link(string blob, string path)
    {
        if (Exists(path))
            return;
        string folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        string temporary = Path.Combine(folder, $".{Path.GetFileName(path)}.{Environment.ProcessId}.{Guid.NewGuid():N}");
        try
        {
            if (!useLinks || !TryLink(temporary, Path.GetRelativePath(folder, blob)))
                File.Copy(blob, temporary);
            // Replaces a dangling link, or what another process has put there in the meantime.
            File.Move(temporary, path, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>Records which commit a branch or tag is at.</summary>
    public void WriteReference(string id, string revision, string commit)
    {
        if (HubNames.IsCommit(revision))
            return;
        string path = FolderPath.Combine(Path.Combine(ModelFolder(id), "refs"), revision, id);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        AtomicFile.Write(path, stream => stream.Write(System.Text.Encoding.ASCII.GetBytes(commit)));
    }

    /// <summary>Whether a file is there; a link to nothing is not.</summary>
    public static bool Exists(string path) => File.Exists(path) && (File.ResolveLinkTarget(path, returnFinalTarget: true)?.Exists ?? true);

    private string ModelFolder(string id) => Path.Combine(root, "models--" + id.Replace("/", "--", StringComparison.Ordinal));

    private static bool IsComplete(string snapshot)
    {
        string modules = Path.Combine(snapshot, SentenceTransformerModules.ModulesFile);
        string[] folders = [snapshot];
        if (Exists(modules))
        {
            IReadOnlyList<(string Type, string Folder)> list = SentenceTransformerModules.List(modules);
            folders = [.. list.Select(module => module.Folder).Append(snapshot).Distinct()];
            bool Lacks(string type, Func<string, bool> complete) => list.Any(module => module.Type.EndsWith(type, StringComparison.Ordinal) && !complete(module.Folder));
            bool HasConfig(string folder) => Exists(Path.Combine(folder, SentenceTransformerModules.PoolingConfigFile));
            if (Lacks(".Pooling", HasConfig) || Lacks(SentenceTransformerModules.DenseType, folder => HasConfig(folder) && HasWeights(folder)))
                return false;
        }
        return folders.Any(folder => Exists(Path.Combine(folder, "config.json")) && HasWeights(folder) && Vocabularies.Any(file => Exists(Path.Combine(folder, file))));
    }

    private static bool HasWeights(string folder)
    {
        if (Exists(Path.Combine(folder, CheckpointDirectory.Safetensors)))
            return true;
        foreach (string index in (string[])[CheckpointDirectory.SafetensorsIndex, CheckpointDirectory.PyTorchIndex])
        {
            string path = Path.Combine(folder, index);
            if (Exists(path))
                return ShardedTensorSource.Files(path).All(shard => Exists(FolderPath.Combine(folder, shard, path)));
        }
        return Exists(Path.Combine(folder, CheckpointDirectory.PyTorch));
    }

    private static bool TryLink(string path, string target)
    {
        try
        {
            File.CreateSymbolicLink(path, target);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Windows asks for a privilege, some file systems have no links.
            return false;
        }
    }
}
