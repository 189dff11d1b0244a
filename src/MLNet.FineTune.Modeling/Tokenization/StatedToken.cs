namespace MLNet.FineTune.Tokenization;

/// <summary>A token beside the vocabulary as a checkpoint's files state it; what they leave open is null.</summary>
/// <param name="Content">The text of the token.</param>
/// <param name="Id">Its id.</param>
/// <param name="StripLeft">Whether it swallows white space before it.</param>
/// <param name="StripRight">Whether it swallows white space after it.</param>
/// <param name="Normalized">Whether it is found in the normalised text, and not as it is written in the raw one.</param>
internal readonly record struct StatedToken(string Content, int? Id = null, bool? StripLeft = null, bool? StripRight = null, bool? Normalized = null);
