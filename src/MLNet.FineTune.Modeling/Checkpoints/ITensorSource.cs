using TorchSharp;

namespace MLNet.FineTune.Checkpoints;

/// <summary>Named tensors of a checkpoint: a file, several shards, or a stream in a zip. Reading is thread-safe; disposing is not.</summary>
internal interface ITensorSource : IDisposable
{
    /// <summary>The file or folder, for messages.</summary>
    string Location { get; }

    /// <summary>The tensors by name.</summary>
    IReadOnlyDictionary<string, TensorInfo> Tensors { get; }

    /// <summary>Copies a tensor into memory of its own on the CPU; the caller owns it.</summary>
    /// <param name="name">A key of <see cref="Tensors"/>.</param>
    /// <param name="dtype">The type to convert to; null keeps the stored one.</param>
    /// <exception cref="InvalidDataException">The checkpoint has no such tensor, or one whose stored type TorchSharp cannot hold.</exception>
    torch.Tensor Read(string name, torch.ScalarType? dtype = null);
}
