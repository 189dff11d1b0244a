using Microsoft.ML.Runtime;

namespace MLNet.FineTune.Pretraining;

/// <summary>A fresh folder for what a run needs only while it runs; deleted with all that is in it.</summary>
internal sealed class WorkFolder : IDisposable
{
    private WorkFolder(string path) => Path = path;

    public string Path { get; }

    /// <param name="host">Its temporary folder serves where none is named.</param>
    /// <param name="parent">The folder to make it in; null for the host's.</param>
    public static WorkFolder Create(IHost host, string? parent)
    {
        parent ??= ((IHostEnvironmentInternal)host).TempFilePath;
        return new WorkFolder(Directory.CreateDirectory(System.IO.Path.Combine(parent, $"mlnet-finetune-{Guid.NewGuid():N}")).FullName);
    }

    public string Sub(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
