;;; drive.el --- Attach, wait for a diagnostic, complete, and say what was seen  -*- lexical-binding: t; -*-

(require 'package)
(package-initialize)
(require 'eglot)
(require 'flymake)
(require 'json)
(add-to-list 'load-path (getenv "KOZE_PLUGIN"))
(require 'koze-ls)
(setq koze-ls-command (split-string (getenv "KOZE_CMD") "\n")
      eglot-sync-connect 30
      eglot-connect-timeout 30)
(add-hook 'koze-mode-hook #'koze-ls-ensure)
(add-hook 'mhtml-mode-hook #'koze-ls-ensure)

(defun drive-wait (what condition)
  (let ((end (+ (float-time) 30)))
    (while (not (funcall condition))
      (when (> (float-time) end)
        (error "Waited in vain for %s" what))
      (accept-process-output nil 0.05))))

(defun drive-found ()
  (mapcar (lambda (found)
            (list (cons "line" (line-number-at-pos (flymake-diagnostic-beg found)))
                  (cons "text" (flymake-diagnostic-text found))))
          (flymake-diagnostics)))

(find-file (getenv "KOZE_FILE"))
(let ((eglot-autoreconnect nil))
  (when (and buffer-file-name (koze-ls-root default-directory) (not (eglot-current-server)))
    (apply #'eglot (eglot--guess-contact))))
(if (not (koze-ls-root default-directory))
    (princ (json-encode (list (cons "root" :json-false))))
  (drive-wait "the server" (lambda () (eglot-current-server)))
  (flymake-mode 1)
  (flymake-start)
  (drive-wait "a diagnostic" (lambda () (flymake-diagnostics)))
  (princ (json-encode
          (list (cons "mode" (symbol-name major-mode))
                (cons "root" (project-root (eglot--project (eglot-current-server))))
                (cons "found" (vconcat (drive-found))))))
  (eglot-shutdown (eglot-current-server)))
;;; drive.el ends here
