using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace MLNet.FineTune.Checkpoints;

/// <summary>An encoder in a local directory.</summary>
internal sealed class DirectoryEncoderSource : EncoderSource
{
    private const string KindName = "directory";

    private readonly string _path;

    public DirectoryEncoderSource(string path)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        _path = Path.GetFullPath(path);
    }

    public override string Description => $"directory {_path}";

    internal override string Kind => KindName;

    internal override string GetDirectory() =>
        Directory.Exists(_path) ? _path : throw new DirectoryNotFoundException($"There is no model directory '{_path}'.");

    [ModuleInitializer]
    [SuppressMessage("Usage", "CA2255", Justification = "A kind registers itself, so that adding one edits no list.")]
    internal static void Register() => EncoderSourceKinds.Register(KindName, json => new DirectoryEncoderSource(EncoderSourceKinds.Text(json, "path")));

    private protected override void WriteTo(JsonObject json) => json["path"] = _path;
}
