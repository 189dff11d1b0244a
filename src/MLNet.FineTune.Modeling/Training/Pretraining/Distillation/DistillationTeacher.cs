using MLNet.FineTune.Encoders;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace MLNet.FineTune.Pretraining;

/// <summary>The encoder that another learns from: frozen, in evaluation mode, without gradients.</summary>
internal sealed class DistillationTeacher : IDisposable
{
    private readonly TaskModel _model;

    private DistillationTeacher(TaskModel model, PretrainedEncoder encoder, bool sharesVocabulary, int maxLength)
    {
        _model = model;
        (Tokenizer, LowerCase, SharesVocabulary, MaxLength) = (encoder.Tokenizer, encoder.LowerCase, sharesVocabulary, maxLength);
        Identity = $"{encoder.Sha256} {(encoder.Normalize ? "normalised" : "as pooled")}";
        model.eval();
        foreach (var parameter in model.parameters())
            parameter.requires_grad_(false);
    }

    public TextTokenizer Tokenizer { get; }

    public bool LowerCase { get; }

    /// <summary>Whether it reads the very token ids that the student reads.</summary>
    public bool SharesVocabulary { get; }

    /// <summary>Longest input it is given, in tokens.</summary>
    public int MaxLength { get; }

    /// <summary>Width of its text embeddings.</summary>
    public int EmbeddingWidth => ((EmbeddingHead)_model.Head).Width;

    public EncoderConfig Config => _model.Encoder.Config;

    /// <summary>What decides its outputs; part of a training's identity.</summary>
    public string Identity { get; }

    /// <param name="options">The pre-training, with distillation.</param>
    /// <param name="student">The encoder that learns.</param>
    /// <param name="texts">The corpus; its beginning shows whether both tokenise alike.</param>
    /// <param name="device">Where it computes.</param>
    /// <exception cref="ArgumentException">The teacher has random weights, or hidden states are asked for of a teacher that has another vocabulary, or takes shorter inputs.</exception>
    public static DistillationTeacher Open(PretrainingOptions options, PretrainedEncoder student, IEnumerable<string> texts, Device device)
    {
        EncoderSource source = options.Distillation!.Teacher!;
        using PretrainedEncoder encoder = source.Open([]);
        PretrainingOptions.Require(encoder.HasWeights, nameof(EncoderDistillation), nameof(EncoderDistillation.Teacher), $"a {source.Description}", "an encoder with trained weights");
        bool shares = VocabularyComparison.Same(student, encoder, texts);
        int maxLength = shares ? Math.Min(encoder.MaxLength, options.MaxLength) : encoder.MaxLength;
        if (options.Distillation.HiddenWeight > 0)
        {
            const string Option = $"{nameof(EncoderDistillation)}.{nameof(EncoderDistillation.HiddenWeight)}";
            if (!shares)
                throw new ArgumentException($"{Option} is above 0, but the teacher ({source.Description}) has another vocabulary than the encoder; expected the same: hidden states belong to tokens. Set it to 0 and learn from text embeddings alone.");
            if (maxLength < options.MaxLength)
                throw new ArgumentException($"{Option} is above 0 and {nameof(PretrainingOptions)}.{nameof(PretrainingOptions.MaxLength)} is {options.MaxLength}; expected at most {maxLength}, what the teacher takes ({source.Description}).");
        }
        TaskModel model = encoder.CreateEmbedder(device);
        model.Encoder.ComputeType = Hardware.ComputeType(options.Precision, device);
        return new DistillationTeacher(model, encoder, shares, maxLength);
    }

    /// <summary>Runs over whole texts, in the stretches that <see cref="EncodedStretch"/> makes of their lengths.</summary>
    /// <param name="texts">The texts' tokens, special ones included.</param>
    /// <param name="layers">The hidden states to keep: 0 for the embeddings, 1 and up for the layers.</param>
    public TeacherOutput Encode(IReadOnlyList<int[]> texts, IReadOnlyList<int> layers)
    {
        using var frozen = no_grad();
        var pooled = new List<Tensor>();
        var states = new List<IReadOnlyList<Tensor>>();
        int[][] stretches = EncodedStretch.Divide(texts);
        foreach (int[] stretch in stretches)
        {
            // Unlike the student's, its intermediate results are wanted by nobody: they go at once.
            using DisposeScope scope = NewDisposeScope();
            using EncoderInput input = EncoderInput.Create([.. stretch.Select(text => texts[text])], null, Config, Config.Device);
            EncoderOutput output = _model.Encoder.Forward(input, allHiddenStates: layers.Count > 0);
            states.Add([.. layers.Select(layer => scope.MoveToOuter(output.HiddenStates[layer].alias()))]);
            pooled.Add(scope.MoveToOuter(_model.Head.Forward(output, input)));
        }
        return new TeacherOutput(EncodedStretch.InOrder(pooled, stretches), states);
    }

    public void Dispose() => _model.Dispose();
}

/// <summary>What a teacher made of a batch.</summary>
/// <param name="Embeddings">float32 [texts, hidden], in the order of the texts.</param>
/// <param name="States">For each stretch the hidden states asked for, [texts, length, hidden].</param>
internal sealed record TeacherOutput(Tensor Embeddings, IReadOnlyList<IReadOnlyList<Tensor>> States);
