using MLNet.FineTune.Encoders;
using MLNet.FineTune.Heads;
using MLNet.FineTune.Models;
using MLNet.FineTune.Runtime;
using MLNet.FineTune.Tokenization;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace MLNet.FineTune.Pretraining;

/// <summary>The encoder that another learns from, or several of one vocabulary and width: frozen, in evaluation mode, without gradients.</summary>
internal sealed class DistillationTeacher : IDisposable
{
    /// <summary>The token after the one that begins every text.</summary>
    private const int FirstWord = 1;

    // The first gives hidden states, all together the embeddings.
    private readonly List<TaskModel> _models = [];
    private FirstWordDirections? _firstWord;

    private DistillationTeacher(PretrainedEncoder encoder, bool sharesVocabulary, int maxLength) =>
        (Tokenizer, LowerCase, SharesVocabulary, MaxLength) = (encoder.Tokenizer, encoder.LowerCase, sharesVocabulary, maxLength);

    public TextTokenizer Tokenizer { get; }

    public bool LowerCase { get; }

    /// <summary>Whether it reads the very token ids that the student reads.</summary>
    public bool SharesVocabulary { get; }

    /// <summary>Longest input it is given, in tokens.</summary>
    public int MaxLength { get; private set; }

    /// <summary>Width of its text embeddings.</summary>
    public int EmbeddingWidth => ((EmbeddingHead)_models[0].Head).Width;

    public EncoderConfig Config => _models[0].Encoder.Config;

    /// <summary>What decides its outputs; part of a training's identity.</summary>
    public string Identity { get; private set; } = "";

    /// <param name="options">The pre-training, with distillation.</param>
    /// <param name="student">The encoder that learns.</param>
    /// <param name="texts">The corpus; its beginning shows whether both tokenise alike.</param>
    /// <param name="device">Where it computes.</param>
    /// <exception cref="ArgumentException">The teacher has random weights, or hidden states are asked for of a teacher that has another vocabulary, or takes shorter inputs; or the teachers differ in vocabulary or width.</exception>
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
        var teacher = new DistillationTeacher(encoder, shares, maxLength);
        try
        {
            teacher.Add(encoder, options.Precision, device);
            int width = teacher.EmbeddingWidth;
            PretrainingOptions.Require(options.Distillation.FirstWordDimensions <= Math.Min(width, encoder.Config.HiddenSize), nameof(EncoderDistillation), nameof(EncoderDistillation.FirstWordDimensions),
                options.Distillation.FirstWordDimensions, $"at most {Math.Min(width, encoder.Config.HiddenSize)}, the teacher's width");
            foreach ((int index, EncoderSource more) in options.Distillation.AdditionalTeachers.Index())
            {
                using PretrainedEncoder other = more.Open([]);
                string option = $"{nameof(EncoderDistillation.AdditionalTeachers)}[{index}]";
                PretrainingOptions.Require(other.HasWeights, nameof(EncoderDistillation), option, $"a {more.Description}", "an encoder with trained weights");
                PretrainingOptions.Require(VocabularyComparison.Same(encoder, other, texts), nameof(EncoderDistillation), option, $"an encoder of another vocabulary ({more.Description})", $"one of the first teacher's ({source.Description})");
                PretrainingOptions.Require(options.Distillation.HiddenWeight == 0 || other.MaxLength >= options.MaxLength, nameof(EncoderDistillation), option,
                    $"an encoder that takes {other.MaxLength} tokens ({more.Description})", $"one that takes {nameof(PretrainingOptions.MaxLength)}, {options.MaxLength}, where {nameof(EncoderDistillation.HiddenWeight)} is above 0");
                teacher.Add(other, options.Precision, device);
                int found = ((EmbeddingHead)teacher._models[^1].Head).Width;
                PretrainingOptions.Require(found == width, nameof(EncoderDistillation), option, $"an encoder whose embeddings have {found} dimensions ({more.Description})", $"{width}, as those of the first teacher ({source.Description})");
            }
            return teacher;
        }
        catch
        {
            teacher.Dispose();
            throw;
        }
    }

    private void Add(PretrainedEncoder encoder, Precision precision, Device device)
    {
        TaskModel model = encoder.CreateEmbedder(device);
        _models.Add(model);
        model.Encoder.ComputeType = Hardware.ComputeType(precision, device);
        model.eval();
        foreach (var parameter in model.parameters())
            parameter.requires_grad_(false);
        MaxLength = Math.Min(MaxLength, encoder.MaxLength);
        Identity += $"{(Identity.Length > 0 ? ", " : "")}{encoder.Sha256} {(encoder.Normalize ? "normalised" : "as pooled")}";
    }

    /// <summary>From now on embeddings hold the first word in the directions in which those of these texts vary least.</summary>
    /// <param name="texts">A sample of the corpus.</param>
    /// <param name="options">How many directions, and how large.</param>
    public void TellFirstWord(IReadOnlyList<int[]> texts, EncoderDistillation options)
    {
        using DisposeScope scope = NewDisposeScope();
        using var frozen = no_grad();
        (_, Tensor[] embeddings, Tensor[] words) = Run(texts, EncodedStretch.Divide(texts), []);
        _firstWord = FirstWordDirections.Fit(cat(embeddings), cat(words), options.FirstWordDimensions, options.FirstWordScale);
    }

    /// <summary>Runs over whole texts, in the stretches that <see cref="EncodedStretch"/> makes of their lengths.</summary>
    /// <param name="texts">The texts' tokens, special ones included.</param>
    /// <param name="layers">The hidden states to keep: 0 for the embeddings, 1 and up for the layers.</param>
    public TeacherOutput Encode(IReadOnlyList<int[]> texts, IReadOnlyList<int> layers)
    {
        using var frozen = no_grad();
        int[][] stretches = EncodedStretch.Divide(texts);
        (IReadOnlyList<Tensor>[] states, Tensor[] embeddings, Tensor[] words) = Run(texts, stretches, layers);
        if (_firstWord is { } firstWord)
            embeddings = [.. embeddings.Zip(words, firstWord.Apply)];
        return new TeacherOutput(EncodedStretch.InOrder([.. embeddings], stretches), states);
    }

    /// <returns>For each stretch the hidden states asked for, the embeddings [texts, width], and the last hidden states of the first teacher at the first word [texts, hidden].</returns>
    private (IReadOnlyList<Tensor>[] States, Tensor[] Embeddings, Tensor[] Words) Run(IReadOnlyList<int[]> texts, int[][] stretches, IReadOnlyList<int> layers)
    {
        var states = new IReadOnlyList<Tensor>[stretches.Length];
        var embeddings = new Tensor[stretches.Length];
        var words = new Tensor[stretches.Length];
        for (int i = 0; i < stretches.Length; i++)
        {
            // Unlike the student's, its intermediate results are wanted by nobody: they go at once.
            using DisposeScope scope = NewDisposeScope();
            int[][] rows = [.. stretches[i].Select(text => texts[text])];
            using EncoderInput input = EncoderInput.Create(rows, null, Config, Config.Device);
            EncoderOutput output = _models[0].Encoder.Forward(input, allHiddenStates: layers.Count > 0);
            states[i] = [.. layers.Select(layer => scope.MoveToOuter(output.HiddenStates[layer].alias()))];
            words[i] = scope.MoveToOuter(output.LastHidden.select(1, FirstWord).to(ScalarType.Float32));
            embeddings[i] = scope.MoveToOuter(Embedding(rows, output, input));
        }
        return (states, embeddings, words);
    }

    private Tensor Embedding(int[][] rows, EncoderOutput output, EncoderInput input)
    {
        Tensor first = _models[0].Head.Forward(output, input);
        return _models.Count == 1 ? first : stack([.. _models.Skip(1).Select(Other).Prepend(first).Select(embedding => functional.normalize(embedding, p: 2, dim: 1, eps: 1e-12))]).mean([0]);

        // Of another family perhaps, which reads the same tokens in its own way.
        Tensor Other(TaskModel model)
        {
            using EncoderInput own = EncoderInput.Create(rows, null, model.Encoder.Config, model.Encoder.Config.Device);
            return model.Head.Forward(model.Encoder.Forward(own), own);
        }
    }

    public void Dispose()
    {
        _firstWord?.Dispose();
        foreach (TaskModel model in _models)
            model.Dispose();
    }
}

/// <summary>What a teacher made of a batch.</summary>
/// <param name="Embeddings">float32 [texts, hidden], in the order of the texts.</param>
/// <param name="States">For each stretch the hidden states asked for, [texts, length, hidden].</param>
internal sealed record TeacherOutput(Tensor Embeddings, IReadOnlyList<IReadOnlyList<Tensor>> States);
