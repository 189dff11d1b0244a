using MLNet.FineTune.Tokenization;

namespace MLNet.FineTune.Prompting;

/// <summary>A prompt in the settings of a saved classifier.</summary>
/// <param name="Template">As <see cref="PromptTemplate.Parse"/> reads it.</param>
/// <param name="LabelWords">The words of each class.</param>
internal sealed record SavedPrompt(string Template, string[][] LabelWords)
{
    public static SavedPrompt Of(Prompt prompt) => new(prompt.Template.Text, [.. prompt.Verbalizer.Words.Select(words => words.ToArray())]);

    /// <summary>The prompt for the tokenizer that is saved with it.</summary>
    /// <exception cref="InvalidDataException">The template is damaged, or the words are not those of the tokenizer.</exception>
    public Prompt Open(TextTokenizer tokenizer, bool lowerCase, int classCount, string location)
    {
        if (Template is null || LabelWords is null || LabelWords.Length != classCount || LabelWords.Any(words => words is null || words.Any(word => word is null)))
            throw new InvalidDataException($"{location}: the prompt has no template, or not the words of {classCount} classes.");
        if (tokenizer.MaskToken is null)
            throw new InvalidDataException($"{location}: there is a prompt, but the tokenizer has no mask token.");
        try
        {
            return new Prompt(PromptTemplate.Parse(Template), Verbalizer.Create(tokenizer, lowerCase, [.. Enumerable.Range(1, classCount).Select(i => $"{i}")], LabelWords));
        }
        catch (Exception e) when (e is FormatException or ArgumentException)
        {
            throw new InvalidDataException($"{location}: the prompt does not fit the tokenizer or is damaged: {e.Message}", e);
        }
    }
}
