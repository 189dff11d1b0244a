using MLNet.FineTune.Models;
using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Prompting;

/// <summary>A template and the words that stand for the classes.</summary>
internal sealed record Prompt(PromptTemplate Template, Verbalizer Verbalizer)
{
    /// <summary>The head that it asks for.</summary>
    public PromptLayout Layout(TextTokenizer tokenizer) => new(tokenizer.MaskId!.Value, Verbalizer.Ids);

    /// <summary>The options of a task with all that is open decided.</summary>
    public ClozePrompt Complete(FineTuneTask task)
    {
        IReadOnlyList<string> names = LabelWordSearch.Names(task);
        return task.Prompt! with { Template = Template.Text, LabelWords = Verbalizer.Words.Index().ToDictionary(own => names[own.Index], own => own.Item.ToArray(), StringComparer.Ordinal) };
    }

    /// <summary>The template of some options, checked against the texts.</summary>
    /// <exception cref="ArgumentException">It has no place for second texts where there are some, or one where there are none.</exception>
    public static PromptTemplate TemplateOf(ClozePrompt options, bool pairs)
    {
        PromptTemplate template = options.Template is null ? PromptTemplate.Default(pairs) : PromptTemplate.Parse(options.Template);
        if (template.HasPair != pairs)
            throw new ArgumentException($"{nameof(ClozePrompt)}.{nameof(ClozePrompt.Template)} is '{template.Text}'; expected one {(pairs ? "with {Sentence2}: the texts come in pairs" : "without {Sentence2}: the texts are single ones")}.");
        return template;
    }

    /// <summary>Checks that an encoder can be prompted.</summary>
    /// <exception cref="ArgumentException">Its checkpoint has no head for hidden tokens, or its tokenizer no mask.</exception>
    public static void Require(PretrainedEncoder encoder, EncoderSource source)
    {
        if (encoder.Tokenizer.MaskToken is null)
            throw new ArgumentException($"A prompt needs a mask token, and the encoder's tokenizer has none ({source.Description}). Choose an encoder that was trained by masked language modelling.");
        if (encoder is { HasWeights: true, HasMaskedHead: false })
            throw new ArgumentException($"A prompt needs the head that predicts hidden words, and the encoder's checkpoint has none ({source.Description}). Choose a checkpoint with its masked-language-model head, such as {nameof(EncoderSource)}.{nameof(EncoderSource.Default)}, or fine-tune without a prompt.");
    }
}
