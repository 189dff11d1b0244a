namespace MLNet.FineTune.Tokenization;

/// <summary>How a BERT-like tokenizer prepares text; the defaults are those of <c>bert-base-uncased</c>.</summary>
/// <param name="LowerCase">Whether text is lower-cased.</param>
/// <param name="StripAccents">Whether characters are decomposed and their non-spacing marks dropped.</param>
/// <param name="SplitCjk">Whether every CJK ideograph is a word of its own.</param>
/// <param name="CleanText">Whether control characters are dropped.</param>
internal sealed record BertNormalization(bool LowerCase = true, bool StripAccents = true, bool SplitCjk = true, bool CleanText = true);
