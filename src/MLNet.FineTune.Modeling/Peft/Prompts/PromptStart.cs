using MLNet.FineTune.Encoders;
using MLNet.FineTune.Encoders.Attention;
using static TorchSharp.torch;

namespace MLNet.FineTune.Peft;

/// <summary>The values that prompts and prefixes begin with.</summary>
internal static class PromptStart
{
    /// <summary>Bound of uniform random prompts, as Lester et al. (2021) have it.</summary>
    private const double Bound = 0.5;

    /// <summary>The first vectors of a prompt, float32 [length, embedding].</summary>
    /// <param name="encoder">The encoder.</param>
    /// <param name="length">How many vectors.</param>
    /// <param name="initialization">What they are.</param>
    /// <param name="tokens">Token ids of the text that gives them; null where none does.</param>
    /// <exception cref="ArgumentException">A token is none of the vocabulary, or the text is missing.</exception>
    public static Tensor Prompt(TransformerEncoder encoder, int length, PromptInitialization initialization, int[]? tokens)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        Tensor words = encoder.Embeddings.Word.Weight;
        Tensor values = empty(length, encoder.Config.EmbeddingSize, device: words.device);
        if (initialization == PromptInitialization.Random)
            values.uniform_(-Bound, Bound);
        else if (Ids(encoder, length, initialization, tokens) is var ids && HasValues(words))
            values.copy_(encoder.Embeddings.Word.Forward(ids));
        return values.MoveToOuterDisposeScope();
    }

    /// <summary>The first table of a prefix, float32 [length, layers · 2 · hidden]: random, or the keys and values that words have in each layer.</summary>
    public static Tensor Prefix(TransformerEncoder encoder, int length, PromptInitialization initialization, int[] layers)
    {
        EncoderConfig config = encoder.Config;
        Device device = encoder.Embeddings.Word.Weight.device;
        if (initialization == PromptInitialization.Random || !HasValues(encoder.Embeddings.Word.Weight))
            return randn(length, layers.Length * 2L * config.HiddenSize, device: device);
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        bool training = encoder.training;
        encoder.eval();
        IReadOnlyList<Tensor> states = encoder.Forward(new EncoderInput(Ids(encoder, length, initialization, tokens: null).unsqueeze(0)), allHiddenStates: true).HiddenStates;
        encoder.train(training);
        return cat([.. layers.SelectMany(layer => KeyAndValue(encoder.Layers[config.PhysicalLayer(layer)].Attention, states[layer]))], -1)
            .squeeze(0).to(ScalarType.Float32).MoveToOuterDisposeScope();
    }

    /// <summary>Where files are checked, weights have shapes only.</summary>
    private static bool HasValues(Tensor weight) => weight.device_type != TorchSharp.DeviceType.META;

    private static Tensor[] KeyAndValue(SelfAttention attention, Tensor hidden) => [attention.Key.Forward(hidden), attention.Value.Forward(hidden)];

    private static Tensor Ids(TransformerEncoder encoder, int length, PromptInitialization initialization, int[]? tokens)
    {
        EncoderConfig config = encoder.Config;
        Device device = encoder.Embeddings.Word.Weight.device;
        if (initialization == PromptInitialization.Vocabulary)
            return randint(config.VocabularySize, length, ScalarType.Int64, device: device);
        if (tokens is null or [])
            throw new ArgumentException("The prompt is to begin as a text, but there are no tokens of one; expected the text's, as the preparation of the training sets them.");
        foreach (int token in tokens)
            if (token < 0 || token >= config.VocabularySize)
                throw new ArgumentException($"The prompt is to begin with token {token}; expected tokens 0 to {config.VocabularySize - 1} of the encoder.");
        return tensor([.. Enumerable.Range(0, length).Select(i => (long)tokens[i % tokens.Length])], device: device);
    }
}
