using MLNet.FineTune.Encoders.Families;

namespace MLNet.FineTune.Models;

/// <summary>The names a checkpoint of a family and task gives to our modules and tensors.</summary>
internal sealed class CheckpointNames
{
    /// <summary>Null where the head's tensors are not in the encoder's file.</summary>
    private readonly Dictionary<string, string>? _head;

    public CheckpointNames(EncoderFamily family, TextTask task)
    {
        Family = family;
        _head = task switch
        {
            TextTask.SequenceClassification => new()
            {
                ["dense"] = family.SequenceHead.Dense.Replace("{base}", family.BasePrefix, StringComparison.Ordinal),
                ["output"] = family.SequenceHead.Output,
            },
            TextTask.TokenClassification => new() { ["output"] = "classifier" },
            TextTask.QuestionAnswering => new() { ["output"] = "qa_outputs" },
            TextTask.MaskedLanguageModel => new()
            {
                ["dense"] = family.MaskedHead.Dense,
                ["norm"] = family.MaskedHead.Norm,
                ["bias"] = family.MaskedHead.Bias,
            },
            TextTask.TextEmbedding => null,
            _ => throw new ArgumentOutOfRangeException(nameof(task), task, null),
        };
        Tied = task == TextTask.MaskedLanguageModel ? family.MaskedHead.Tied : [];
    }

    public EncoderFamily Family { get; }

    /// <summary>Tensors of the head that repeat others.</summary>
    public IReadOnlyList<string> Tied { get; }

    /// <summary>The checkpoint's path of a module, <c>encoder.…</c> or <c>head.…</c>.</summary>
    public string Module(string ours)
    {
        (string part, string path) = Split(ours);
        return part == "encoder" ? Family.BasePrefix + Family.ModulePath(path) : _head is null ? ours : _head[path];
    }

    /// <summary>The checkpoint's name of a tensor, <c>encoder.…</c> or <c>head.…</c>.</summary>
    public string Tensor(string ours)
    {
        (string part, string path) = Split(ours);
        if (part == "encoder")
            return Family.BasePrefix + Family.TensorName(path);
        if (_head is null)
            return ours;
        int dot = path.LastIndexOf('.');
        return dot < 0 ? _head[path] : $"{_head[path[..dot]]}.{path[(dot + 1)..]}";
    }

    private static (string Part, string Path) Split(string ours)
    {
        int dot = ours.IndexOf('.', StringComparison.Ordinal);
        return (ours[..dot], ours[(dot + 1)..]);
    }
}
